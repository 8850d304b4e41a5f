/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert: passwords, which are never taken over. They are where nobody needs
 * them any more: in the user part of a URI, in a parameter called so, in an
 * attribute that scripts made up.
 */
#include "frt_cli_conv.h"

#include <string.h>
#include <strings.h>

bool conv_is_secret(const char *name)
{
	static const char *const within[] = {"passw", "secret", "credential"};
	static const char *const whole[] = {
			"pass", "pwd", "psw", "md5_cred", "refresh_token", "ha1"};
	size_t i;

	for(i = 0; i < sizeof(within) / sizeof(within[0]); i++) {
		const char *p;

		for(p = name; *p != '\0'; p++) {
			if(strncasecmp(p, within[i], strlen(within[i])) == 0)
				return true;
		}
	}
	for(i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		const char *word = name + strlen(name);

		/* the last word: auth_pass, sip-pwd; compass is none */
		word -= strlen(whole[i]) <= strlen(name) ? strlen(whole[i]) : 0;
		if(conv_same(word, whole[i])
				&& (word == name || strchr("_-.", word[-1]) != NULL))
			return true;
	}
	return false;
}

/* Where the password of "sip:user:password@" begins, with its colon; NULL:
 * there is none. */
static const char *password_of(const char *uri, const char **at)
{
	const char *user;

	if(strncasecmp(uri, "sip:", 4) != 0 && strncasecmp(uri, "sips:", 5) != 0)
		return NULL;
	user = strchr(uri, ':') + 1;
	*at = strchr(user, '@');
	return *at != NULL ? memchr(user, ':', (size_t)(*at - user)) : NULL;
}

/* One part of a list with ';' between: what is left of it; NULL: nothing. */
static const char *part_left(
		conv_t *c, const char *file, unsigned line, const char *part)
{
	const char *eq = strchr(part, '='), *at = NULL,
			   *cut = password_of(part, &at);
	const char *name;

	if(cut == NULL && eq != NULL) {
		name = conv_copy(c, part, (size_t)(eq - part));
		if(conv_is_secret(name)) {
			conv_say(c, CONV_SECRET, file, line, "%s is dropped", name);
			return NULL;
		}
		cut = password_of(eq + 1, &at);
	}
	if(cut == NULL)
		return part;
	conv_say(c, CONV_SECRET, file, line, "the password in a URI is dropped");
	return conv_printf(c, "%.*s%s", (int)(cut - part), part, at);
}

const char *conv_no_secret(
		conv_t *c, const char *file, unsigned line, const char *text)
{
	const char *p, *part, *left, *clean = NULL;
	bool cut = false;
	size_t n;

	for(p = text; *p != '\0'; p += n, p += *p == ';') {
		n = strcspn(p, ";");
		part = conv_copy(c, p, n);
		left = part_left(c, file, line, part);
		cut = cut || left != part;
		if(left != NULL)
			clean = clean == NULL ? left : conv_printf(c, "%s;%s", clean, left);
	}
	return !cut ? text : clean != NULL ? clean : "";
}
