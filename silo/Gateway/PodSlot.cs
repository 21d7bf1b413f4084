using DeployCard.Grains.Routing;

namespace DeployCard.Silo.Gateway;

/// <summary>A pod as this gateway uses it. It outlives the route that named it, so that its count stays true.</summary>
internal sealed class PodSlot(RoutePod pod)
{
    private int inFlight;

    public RoutePod Pod { get; } = pod;

    /// <summary>Where it answers, without a slash at the end.</summary>
    public string Origin { get; } = pod.Address.GetLeftPart(UriPartial.Authority);

    public int InFlight => Volatile.Read(ref inFlight);

    /// <summary>Takes a place; false when all <paramref name="limit"/> are taken (0: there is no limit).</summary>
    public bool TryEnter(int limit)
    {
        // Never over the limit, not even for a moment: another request would find a pod full that is not, and wait for nothing.
        for (var taken = InFlight; limit == 0 || taken < limit;)
        {
            var seen = Interlocked.CompareExchange(ref inFlight, taken + 1, taken);
            if (seen == taken)
                return true;
            taken = seen;
        }

        return false;
    }

    public void Leave() => Interlocked.Decrement(ref inFlight);
}
