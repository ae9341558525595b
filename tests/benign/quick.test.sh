#!/bin/bash
# The quick honest packages install under wormsign as they do without it; in `make check` (QUICK=1) and `make benign`.
exec "$(dirname "$0")/run" --quick
