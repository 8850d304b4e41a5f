"""Fills ${name} in a file; Kamailio's own $ru, $(hdr(..)) and $var(..) stay."""
import re

_NAME = re.compile(r"\$\{(\w+)\}")


def fill(text, variables):
    """Every ${name} must be known. What is filled in may itself hold ${name}."""
    for _ in range(4):
        def value(match):
            if match[1] not in variables:
                raise KeyError(f"template: no value for ${{{match[1]}}}")
            return variables[match[1]]
        filled = _NAME.sub(value, text)
        if filled == text:
            return filled
        text = filled
    raise ValueError("template: variables refer to each other in a circle")
