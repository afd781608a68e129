// Waits for the signals that end a process politely.
#pragma once

#include "base/time.h"

namespace batuta::server {

// To be called before any thread is made, so that no thread but the waiting one gets them.
void BlockEndingSignals();

// Whether SIGINT or SIGTERM came within that time, or before; returns at once then. After
// BlockEndingSignals.
bool AwaitEndingSignal(base::Duration most);

// Returns at SIGINT or SIGTERM. A second one ends the process at once, with 130.
void WaitForEndingSignal();

}  // namespace batuta::server
