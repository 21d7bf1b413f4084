using System.Buffers.Binary;
using System.Security.Cryptography;
using DeployCard.Grains.Keys;

namespace DeployCard.Silo.Gateway;

/// <summary>A route made ready for use: pods with their counts, keys by their hashes.</summary>
internal sealed class GateRoute
{
    private readonly Dictionary<ulong, (byte[] Hash, KeyEntry Key)> keys = [];

    public GateRoute(Route route, PodSlot[] pods)
    {
        (Route, Pods) = (route, pods);
        foreach (var key in route.Keys)
        {
            var hash = Convert.FromHexString(key.Hash);
            keys[Start(hash)] = (hash, key);
        }
    }

    public Route Route { get; }

    public PodSlot[] Pods { get; }

    /// <summary>
    /// The key of a hash; null where there is none. The table is indexed by the start of a keyed hash, whose value nobody outside can
    /// choose or learn step by step; the hash as a whole is compared in constant time.
    /// </summary>
    public KeyEntry? FindKey(ReadOnlySpan<byte> hash) =>
        keys.TryGetValue(Start(hash), out var known) && CryptographicOperations.FixedTimeEquals(known.Hash, hash) ? known.Key : null;

    private static ulong Start(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt64LittleEndian(hash);
}
