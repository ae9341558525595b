/* SPDX-License-Identifier: GPL-2.0-only */
/* nothing - the smallest static program: what `execs` starts again and again. */
int main(void)
{
	return 0;
}
