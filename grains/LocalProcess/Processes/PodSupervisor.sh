# Starts a pod's command ("$@") so that it never outlives the silo. This shell already leads its own session.
#
# Standard input is the lifeline: only the silo holds its other end, and the silo never writes. End of file means that the silo process has
# ended, even if it was killed. A watcher waits for that, sends SIGTERM to the whole process group and, two seconds later, SIGKILL.
# The watcher
# - is a grandchild, so that the command never sees an unknown child when it waits for its own children;
# - ignores the signals that the group may receive, so that it survives until it sends SIGKILL;
# - stays in the group after the command has ended, until the silo has killed the group, so that the group id cannot be reused;
# - holds neither output pipe, so that their end of file means that the pod has written everything.
# The command replaces this shell: it leads the group, and its exit code reaches the silo unchanged.
exec 3<&0 </dev/null
(
  trap '' ALRM HUP INT PIPE QUIT TERM USR1 USR2
  {
    read -r _ <&3
    kill -s TERM 0
    sleep 2
    kill -s KILL 0
  } >/dev/null 2>&1 &
)
exec "$@" 3<&-
