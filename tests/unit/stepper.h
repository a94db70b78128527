/* SPDX-License-Identifier: MIT */
/*
 * Runs a function in a child process, instruction by instruction, so that a
 * test can look at shared memory after each one: what it sees is what a
 * SIGKILL at that moment would leave behind.
 */
#ifndef XN_TESTS_STEPPER_H
#define XN_TESTS_STEPPER_H

#include <stdbool.h>

/*
 * Runs run(arg) in a child to its end and, from where it calls stepper_begin,
 * calls look(arg) here between any two of its instructions. look returns false to have the child killed there.
 * Returns how many instructions were seen. Skips the test where a process may
 * not trace another; fails it when the child ends badly.
 */
unsigned long stepper_run(void (*run)(void *arg), bool (*look)(void *arg),
			  void *arg);
void stepper_begin(void);

#endif
