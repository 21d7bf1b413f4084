using System.Collections.Concurrent;
using DeployCard.Grains.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace DeployCard.Silo.Gateway;

/// <summary>How the forwarder is to speak to a pod: its version of HTTP, and how long both directions may be silent.</summary>
internal static class Forwarding
{
    /// <summary>So that of two timers for the same limit the one goes off first that tells the client which it was.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    // One for each pair that deployments use: few, and each is asked for with every request.
    private static readonly ConcurrentDictionary<(Version, TimeSpan), ForwarderRequestConfig> Known = new();

    public static ForwarderRequestConfig To(PodSlot pod, TimeSpan silence) =>
        Known.GetOrAdd(
            (pod.Version, silence),
            static key =>
                new()
                {
                    Version = key.Item1,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    ActivityTimeout = key.Item2,
                }
        );

    /// <summary>
    /// How long the forwarder lets both directions be silent. It does not tell the time before the first byte from the time after it: the limit
    /// of a stream is its own to keep where it is the longer one, else the clock keeps both and this is only behind it. None on a connection that is
    /// upgraded, for there silence means nothing.
    /// </summary>
    public static TimeSpan SilenceOf(RouteLimits limits, bool isUpgrade) =>
        isUpgrade ? Timeout.InfiniteTimeSpan
        : ClockKeepsStream(limits) ? limits.FirstByteTimeout + Slack
        : limits.StreamIdleTimeout;

    /// <summary>Whether the clock of a request has to watch over its stream, too.</summary>
    public static bool ClockKeepsStream(RouteLimits limits) => limits.StreamIdleTimeout <= limits.FirstByteTimeout;
}
