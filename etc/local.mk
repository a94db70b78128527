# SPDX-License-Identifier: MIT

# Completion of xn in bash, where bash-completion looks.
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = etc/completions/xn
