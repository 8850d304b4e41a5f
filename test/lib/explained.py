"""Says what a plain assert compared, so that stories need no assert helpers."""
import ast
import linecache
import traceback

ACTIONS = {"place", "place_many", "call", "cancel", "bye", "reinvite", "hangup", "wait", "fault",
           "wait_final", "wait_for", "wait_health", "in_dialog", "load", "refuses_to_start"}


def explain(error, story_file):
    """One line: the story's line number, its source, and the values found."""
    frame, line = None, 0
    for f, number in traceback.walk_tb(error.__traceback__):
        if f.f_code.co_filename == str(story_file):
            frame, line = f, number
    text = str(error) or type(error).__name__
    if not isinstance(error, AssertionError):
        text = f"{type(error).__name__}: {error}"
    if frame is None:
        return text
    node, source = _statement(story_file, line)
    where = f"line {line}: {source}"
    if isinstance(error, AssertionError) and isinstance(node, ast.Assert):
        return f"{where}   [{_values(node.test, frame)}]" + (f" {error}" if str(error) else "")
    return f"{where}   {text}"


def _statement(path, line):
    """The statement that has this line, and its text on one line."""
    source = "".join(linecache.getlines(str(path)))
    best = None
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Assert, ast.Expr, ast.Assign, ast.Return, ast.Raise)) \
                and node.lineno <= line <= node.end_lineno:
            best = node
    text = ast.get_source_segment(source, best) if best else "?"
    return best, " ".join(text.replace("\\\n", " ").split())


def _acts(node):
    """Would evaluating it again do something, and not just look?"""
    return any(isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
               and n.func.attr in ACTIONS for n in ast.walk(node))


def _values(test, frame):
    """Both sides of the comparison, evaluated again."""
    parts = [test.left, *test.comparators] if isinstance(test, ast.Compare) else \
        test.values if isinstance(test, ast.BoolOp) else [test]
    if isinstance(test, ast.BoolOp):
        parts = [p for v in parts
                 for p in ([v.left, *v.comparators] if isinstance(v, ast.Compare) else [v])]
    out = []
    for part in parts:
        try:
            ast.literal_eval(part)
            continue  # a constant says nothing new
        except ValueError:
            pass
        if _acts(part):
            continue
        try:
            value = eval(compile(ast.Expression(part), "<assert>", "eval"),  # noqa: S307
                         {**frame.f_globals, **frame.f_locals})
            out.append(f"{ast.unparse(part)} is {value!r}"[:300])
        except Exception as error:  # noqa: BLE001 the value may be gone by now
            out.append(f"{ast.unparse(part)}: {error}")
    return "; ".join(out)
