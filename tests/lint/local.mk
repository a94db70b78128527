# SPDX-License-Identifier: MIT
# A script a subject: tests/lint/SUBJECT. Each prints TAP.
lint_TESTS = \
	tests/lint/format \
	tests/lint/includes \
	tests/lint/manual \
	tests/lint/protocol \
	tests/lint/shell \
	tests/lint/source \
	tests/lint/static
check_SCRIPTS += $(lint_TESTS)
EXTRA_DIST += $(lint_TESTS) tests/lint/lint.sh
