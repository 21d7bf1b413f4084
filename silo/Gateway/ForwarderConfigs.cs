using System.Collections.Concurrent;
using DeployCard.Contracts.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace DeployCard.Gateway;

/// <summary>Settings of YARP's forwarder for a request to a pod: HTTP version and activity timeout.</summary>
internal static class ForwarderConfigs
{
    /// <summary>
    /// Extra time for the forwarder's timer when it backs up the request's own timeout. The request's own timeout must fire first, because
    /// only it knows which limit to report to the client.
    /// </summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    // One entry for each pair in use. There are few pairs, and every request needs one.
    private static readonly ConcurrentDictionary<(Version, TimeSpan), ForwarderRequestConfig> Cache = new();

    /// <summary>Returns the forwarder's settings for a pod.</summary>
    /// <param name="pod">Pod that gets the request.</param>
    /// <param name="activityTimeout">Maximum time without bytes in either direction; see <see cref="GetActivityTimeout"/>.</param>
    public static ForwarderRequestConfig For(PodDestination pod, TimeSpan activityTimeout) =>
        Cache.GetOrAdd(
            (pod.Version, activityTimeout),
            static key =>
                new()
                {
                    Version = key.Item1,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    ActivityTimeout = key.Item2,
                }
        );

    /// <summary>
    /// Returns YARP's activity timeout for a request. That timeout cannot distinguish the time to the first byte from the idle time of a
    /// stream. YARP's timeout therefore enforces the stream limit only if that limit is longer than the first-byte limit. Otherwise
    /// <see cref="RequestTimeouts"/> enforces both limits and YARP's timeout is a backstop. The timeout is infinite for a request that may
    /// upgrade its connection, because silence is normal on upgraded connections.
    /// </summary>
    public static TimeSpan GetActivityTimeout(DeploymentConfiguration limits, bool isUpgrade) =>
        isUpgrade ? Timeout.InfiniteTimeSpan
        : NeedsStreamIdleTimer(limits) ? limits.FirstByteTimeout + Slack
        : limits.StreamIdleTimeout;

    /// <summary>Whether <see cref="RequestTimeouts"/> must enforce the stream idle timeout too.</summary>
    public static bool NeedsStreamIdleTimer(DeploymentConfiguration limits) => limits.StreamIdleTimeout <= limits.FirstByteTimeout;
}
