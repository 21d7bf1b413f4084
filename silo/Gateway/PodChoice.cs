namespace DeployCard.Silo.Gateway;

/// <summary>
/// The choice of a pod: the one with fewer requests of two random ones. Looking at two is nearly as even as looking at all of them
/// and, unlike "the one with the fewest", does not send every gateway to the same pod.
/// </summary>
internal static class PodChoice
{
    /// <summary>A pod with a place taken; null when every pod is full or cannot be reached.</summary>
    public static PodSlot? Enter(PodSlot[] pods, int limit)
    {
        if (pods.Length == 0)
            return null;
        var first = pods.Length == 1 ? pods[0] : LessBusy(pods);
        return first.TryEnter(limit) ? first : EnterAny(pods, limit, null);
    }

    /// <summary>Another pod than <paramref name="than"/>, with a place taken; null where there is none.</summary>
    public static PodSlot? EnterOther(PodSlot[] pods, int limit, PodSlot than) => EnterAny(pods, limit, than);

    private static PodSlot LessBusy(PodSlot[] pods)
    {
        var first = Random.Shared.Next(pods.Length);
        // Two different ones: the second is drawn from the others.
        var second = Random.Shared.Next(pods.Length - 1);
        if (second >= first)
            second++;
        return pods[second].InFlight < pods[first].InFlight ? pods[second] : pods[first];
    }

    private static PodSlot? EnterAny(PodSlot[] pods, int limit, PodSlot? except)
    {
        // From a random place on, or whoever comes first in the list would get all that the chosen ones cannot take.
        var start = Random.Shared.Next(pods.Length);
        for (var i = 0; i < pods.Length; i++)
        {
            var pod = pods[(start + i) % pods.Length];
            if (pod != except && pod.TryEnter(limit))
                return pod;
        }

        return null;
    }
}
