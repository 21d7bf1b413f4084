using System.Collections.Concurrent;
using DeployCard.Contracts.Names;

namespace DeployCard.LocalProcess.Pods;

/// <summary>The sessions of all pods with a running process, used to measure their CPU and memory.</summary>
internal sealed class PodSessions
{
    private readonly ConcurrentDictionary<PodName, int> sessions = new();

    /// <summary>Registers the session of a pod until the returned object is disposed.</summary>
    public IDisposable Add(PodName pod, int session)
    {
        sessions[pod] = session;
        return new Entry(this, new(pod, session));
    }

    /// <summary>Returns the session id of a pod, or null if the pod has no running process.</summary>
    public int? Find(PodName pod) => sessions.TryGetValue(pod, out var session) ? session : null;

    private sealed class Entry(PodSessions owner, KeyValuePair<PodName, int> entry) : IDisposable
    {
        public void Dispose() => owner.sessions.TryRemove(entry);
    }
}
