namespace DeployCard.Silo.Gateway;

/// <summary>
/// The choice of a pod: the one with fewer requests of two random ones. Looking at two is nearly as even as looking at all of them
/// and, unlike "the one with the fewest", does not send every gateway to the same pod.
/// </summary>
internal static class PodChoice
{
    /// <summary>A pod with a place taken; null when every pod is full.</summary>
    public static PodSlot? Enter(PodSlot[] pods, int limit)
    {
        if (pods.Length == 0)
            return null;
        var first = pods[Random.Shared.Next(pods.Length)];
        if (pods.Length > 1)
        {
            var second = pods[Random.Shared.Next(pods.Length)];
            if (second.InFlight < first.InFlight)
                first = second;
        }

        return first.TryEnter(limit) ? first : EnterAny(pods, limit);
    }

    private static PodSlot? EnterAny(PodSlot[] pods, int limit) => Array.Find(pods, pod => pod.TryEnter(limit));
}
