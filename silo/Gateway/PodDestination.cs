using System.Net;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;

namespace DeployCard.Gateway;

/// <summary>
/// State of a pod in this gateway: requests in flight and reachability. The state is carried over from route to route, so that the count
/// stays correct.
/// </summary>
internal sealed class PodDestination(RoutePod pod)
{
    private int inFlight;
    private int isEjected;

    public RoutePod Pod { get; } = pod;

    /// <summary>Scheme, host and port of the pod, without a trailing slash.</summary>
    public string Origin { get; } = pod.Address.GetLeftPart(UriPartial.Authority);

    /// <summary>HTTP version for requests to the pod: 2.0 for <c>h2c</c>, otherwise 1.1.</summary>
    public Version Version { get; } = pod.Protocol is PodProtocol.H2c ? HttpVersion.Version20 : HttpVersion.Version11;

    /// <summary>Number of requests in flight at the pod.</summary>
    public int InFlight => Volatile.Read(ref inFlight);

    /// <summary>Whether the pod is ejected because it was unreachable at the last attempt. An ejected pod gets no requests.</summary>
    public bool IsEjected => Volatile.Read(ref isEjected) != 0;

    /// <summary>Acquires a slot. Returns false if the pod is full or ejected.</summary>
    /// <param name="limit">Maximum number of concurrent requests; 0 means unlimited.</param>
    public bool TryAcquire(int limit)
    {
        if (IsEjected)
            return false;
        // Compare-and-swap, because an increment beyond the limit, even a brief one, would let another request see a full pod and wait.
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

    /// <summary>Releases a slot that was acquired.</summary>
    public void Release() => Interlocked.Decrement(ref inFlight);

    /// <summary>Ejects the pod. Returns false if the pod is already ejected.</summary>
    public bool TryEject() => Interlocked.Exchange(ref isEjected, 1) == 0;

    /// <summary>Ends the ejection of the pod.</summary>
    public void Reinstate() => Volatile.Write(ref isEjected, 0);
}
