using System.Collections.Concurrent;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>The session of each pod whose process runs, so that what it uses can be found.</summary>
internal sealed class PodSessions
{
    private readonly ConcurrentDictionary<PodName, int> sessions = new();

    /// <summary>Notes one, until what is returned is disposed of.</summary>
    public IDisposable Add(PodName pod, int session)
    {
        sessions[pod] = session;
        return new Entry(this, new(pod, session));
    }

    /// <summary>The session of a pod; null while none of its processes runs.</summary>
    public int? Of(PodName pod) => sessions.TryGetValue(pod, out var session) ? session : null;

    private sealed class Entry(PodSessions owner, KeyValuePair<PodName, int> entry) : IDisposable
    {
        public void Dispose() => owner.sessions.TryRemove(entry);
    }
}
