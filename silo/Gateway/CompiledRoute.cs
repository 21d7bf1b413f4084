using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace DeployCard.Gateway;

/// <summary>A route prepared for fast use: pods with their counters, keys indexed by hash, and the CORS policy.</summary>
internal sealed class CompiledRoute
{
    private readonly Dictionary<ulong, CompiledKey> keys = [];

    public CompiledRoute(Route route, PodDestination[] pods, IEnumerable<CompiledKey> keys)
    {
        (Route, Pods, Cors) = (route, pods, Gateway.Cors.CreatePolicy(route.CorsOrigins));
        foreach (var key in keys)
            this.keys[PrefixOf(key.Hash)] = key;
    }

    public Route Route { get; }

    public PodDestination[] Pods { get; }

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
