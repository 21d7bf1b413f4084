# Starts a pod's command ("$@") so that it never outlives the server. It is the leader of a session of its own already.
#
# Standard input is the lifeline: only the server holds its other end and never writes. End of file means that the server is gone, however
# it went. A watcher waits for that and then ends the whole process group: politely, and for good after two seconds.
# The watcher
# - is a grandchild, so that the command never finds a child it did not start when it waits for its own;
# - ignores the signals that the group may get, so that it is still there when the pod is slow to obey;
# - stays in the group after the command has ended, until the server has killed the group: so no stranger can take the group's number;
# - holds neither output pipe, so that their end of file means that the pod has nothing more to say.
# The command takes this shell's place: it is the leader of the group, and its exit code reaches the server as it is.
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
