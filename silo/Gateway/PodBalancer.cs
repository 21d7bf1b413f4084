namespace DeployCard.Gateway;

/// <summary>
/// Selects a pod by power of two choices: of two random pods, the one with fewer requests in flight. The load is spread almost as evenly as
/// with the least busy of all pods, but the gateways do not all select the same pod.
/// </summary>
internal static class PodBalancer
{
    /// <summary>Acquires a slot at a pod. Returns null if every pod is full or ejected.</summary>
    /// <param name="pods">Pods to select from.</param>
    /// <param name="limit">Maximum number of concurrent requests at one pod; 0 means unlimited.</param>
    public static PodDestination? TryAcquire(PodDestination[] pods, int limit)
    {
        if (pods.Length == 0)
            return null;
        var first = pods.Length == 1 ? pods[0] : LessBusy(pods);
        return first.TryAcquire(limit) ? first : TryAcquireAny(pods, limit, null);
    }

    /// <summary>
    /// Acquires a slot at a pod other than <paramref name="excluded"/>. Returns null if every other pod is full or ejected.
    /// </summary>
    public static PodDestination? TryAcquireOther(PodDestination[] pods, int limit, PodDestination excluded) =>
        TryAcquireAny(pods, limit, excluded);

    private static PodDestination LessBusy(PodDestination[] pods)
    {
        var first = Random.Shared.Next(pods.Length);
        // Draw the second pod from the remaining pods, so that the two pods differ.
        var second = Random.Shared.Next(pods.Length - 1);
        if (second >= first)
            second++;
        return pods[second].InFlight < pods[first].InFlight ? pods[second] : pods[first];
    }

    private static PodDestination? TryAcquireAny(PodDestination[] pods, int limit, PodDestination? excluded)
    {
        // Start at a random index. Otherwise the first pod of the list would get all the overflow.
        var start = Random.Shared.Next(pods.Length);
        for (var i = 0; i < pods.Length; i++)
        {
            var pod = pods[(start + i) % pods.Length];
            if (pod != excluded && pod.TryAcquire(limit))
                return pod;
        }

        return null;
    }
}
