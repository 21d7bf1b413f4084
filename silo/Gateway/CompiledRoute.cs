using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace DeployCard.Gateway;

/// <summary>A route prepared for fast use: pods with their counters, keys indexed by hash, rate limiter and CORS policy.</summary>
internal sealed class CompiledRoute
{
    private readonly Dictionary<ulong, CompiledKey> keys = [];

    private CompiledRoute(Route route, PodDestination[] pods, RequestRateLimiter? rateLimiter)
    {
        (Route, Pods, RateLimiter) = (route, pods, rateLimiter);
        Cors = Gateway.Cors.CreatePolicy(route.Configuration.CorsOrigins);
    }

    /// <summary>
    /// Prepares a route. Keys and rate limiters that did not change are those of the previous route, so that a new route does not refill
    /// their buckets.
    /// </summary>
    /// <param name="route">The route to prepare.</param>
    /// <param name="pods">Pods that may get requests.</param>
    /// <param name="previous">The previous route of the deployment; null for the first one.</param>
    public static CompiledRoute Create(Route route, PodDestination[] pods, CompiledRoute? previous)
    {
        var (before, now) = (previous?.Route.Configuration, route.Configuration);
        var hasSameRate = before?.RequestsPerSecond == now.RequestsPerSecond && before.RequestBurst == now.RequestBurst;
        var compiled = new CompiledRoute(
            route,
            pods,
            hasSameRate ? previous!.RateLimiter : RequestRateLimiter.Create("deployment", now.RequestsPerSecond, now.RequestBurst)
        );
        var known = previous?.Keys.ToDictionary(key => key.Key);
        foreach (var key in route.Keys.Select(key => known?.GetValueOrDefault(key) ?? new CompiledKey(key)))
            compiled.keys[PrefixOf(key.Hash)] = key;
        return compiled;
    }

    public Route Route { get; }

    public PodDestination[] Pods { get; }

    /// <summary>Rate limiter of all requests of the deployment; null if unlimited.</summary>
    public RequestRateLimiter? RateLimiter { get; }

    /// <summary>CORS policy of the deployment; null if the deployment allows no other origins.</summary>
    public CorsPolicy? Cors { get; }

    public IEnumerable<CompiledKey> Keys => keys.Values;

    /// <summary>
    /// Returns the key with the given hash; null if the route has no such key. The table is indexed by the first 8 bytes of a keyed hash,
    /// which a client can neither choose nor guess step by step. The whole hash is then compared in constant time.
    /// </summary>
    public CompiledKey? FindKey(ReadOnlySpan<byte> hash) =>
        keys.TryGetValue(PrefixOf(hash), out var known) && CryptographicOperations.FixedTimeEquals(known.Hash, hash) ? known : null;

    private static ulong PrefixOf(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt64LittleEndian(hash);
}
