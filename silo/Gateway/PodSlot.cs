using System.Net;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;

namespace DeployCard.Silo.Gateway;

/// <summary>A pod as this gateway uses it. It outlives the route that named it, so that its count stays true.</summary>
internal sealed class PodSlot(RoutePod pod)
{
    private int inFlight;
    private int isOut;

    public RoutePod Pod { get; } = pod;

    /// <summary>Where it answers, without a slash at the end.</summary>
    public string Origin { get; } = pod.Address.GetLeftPart(UriPartial.Authority);

    /// <summary>The version of HTTP that it speaks.</summary>
    public Version Version { get; } = pod.Protocol is PodProtocol.H2c ? HttpVersion.Version20 : HttpVersion.Version11;

    public int InFlight => Volatile.Read(ref inFlight);

    /// <summary>Whether it could not be reached when it was last tried: it gets no request then.</summary>
    public bool IsOut => Volatile.Read(ref isOut) != 0;

    /// <summary>Takes a place; false when all <paramref name="limit"/> are taken (0: there is no limit) or it cannot be reached.</summary>
    public bool TryEnter(int limit)
    {
        if (IsOut)
            return false;
        // Never over the limit, not even for a moment: another request would find a pod full that is not, and wait for nothing.
        var taken = InFlight;
        while (limit == 0 || taken < limit)
        {
            var seen = Interlocked.CompareExchange(ref inFlight, taken + 1, taken);
            if (seen == taken)
                return true;
            taken = seen;
        }

        return false;
    }

    public void Leave() => Interlocked.Decrement(ref inFlight);

    /// <summary>Notes that it cannot be reached. True for the first who says so.</summary>
    public bool TakeOut() => Interlocked.Exchange(ref isOut, 1) == 0;

    /// <summary>Notes that it can be reached again.</summary>
    public void PutBack() => Volatile.Write(ref isOut, 0);
}
