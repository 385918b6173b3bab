// How many files and connections the process may have open.
#pragma once

namespace outdial::server {

// Raises the soft limit to the hard one. A thousand AMI clients with a node each, the calls of gRPC
// and the files of the store are more than the 1024 that a shell usually gives, and without a free
// one no node can be connected to again. Left as it is where the system refuses.
void RaiseFileLimit();

}  // namespace outdial::server
