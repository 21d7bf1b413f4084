using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace DeployCard.Silo.Gateway;

/// <summary>A route made ready for use: pods with their counts, keys by their hashes, the origins that browsers may call it from.</summary>
internal sealed class GateRoute
{
    private readonly Dictionary<ulong, KeySlot> keys = [];

    public GateRoute(Route route, PodSlot[] pods, IEnumerable<KeySlot> keys)
    {
        (Route, Pods, Cors) = (route, pods, Gateway.Cors.Policy(route.CorsOrigins));
        foreach (var key in keys)
            this.keys[Start(key.Hash)] = key;
    }

    public Route Route { get; }

    public PodSlot[] Pods { get; }

    /// <summary>What holds for pages of other origins; null where they may not call it.</summary>
    public CorsPolicy? Cors { get; }

    public IEnumerable<KeySlot> Keys => keys.Values;

    /// <summary>
    /// The key of a hash; null where there is none. The table is indexed by the start of a keyed hash, whose value nobody outside can
    /// choose or learn step by step; the hash as a whole is compared in constant time.
    /// </summary>
    public KeySlot? FindKey(ReadOnlySpan<byte> hash) =>
        keys.TryGetValue(Start(hash), out var known) && CryptographicOperations.FixedTimeEquals(known.Hash, hash) ? known : null;

    private static ulong Start(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt64LittleEndian(hash);
}
