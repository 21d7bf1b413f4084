using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>
/// The ids that this installation gives out. Their last 16 bits are a check over the others, keyed with the secret of the installation: so an id
/// that was given out is known again when nothing is stored under it any more, and a call that is gone can be told from one that never was
/// without a tombstone for each.
/// </summary>
/// <remarks>
/// 58 of the bits are random: among 1,000 ids of one millisecond two are the same once in 6 · 10¹¹ times, and the later of the two would be
/// taken for a repetition of the earlier one. An id that was made up passes the check once in 65,536 times; all that it brings about is an
/// answer that it is gone. Ids from before this check, and those of a folder whose secret was lost, are taken for unknown once they are gone.
/// </remarks>
public sealed class CallIds
{
    private const int CheckedLength = 14;
    private const int Length = CheckedLength + sizeof(ushort);

    private readonly byte[] key;

    /// <summary>The ids of the installation with this secret.</summary>
    /// <param name="secret">At least 32 bytes. What is hashed under it elsewhere has nothing in common with what is hashed here: this key is derived (RFC 5869).</param>
    public CallIds(byte[] secret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, 32);
        key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, HMACSHA256.HashSizeInBytes, info: "DeployCard call id"u8.ToArray());
    }

    /// <summary>A new id: a UUID of version 7.</summary>
    public CallId New(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[Length];
        Guid.CreateVersion7(now).TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[CheckedLength..], Check(bytes));
        return CallId.Of(new(bytes, bigEndian: true));
    }

    /// <summary>Whether the id was given out here, as far as its check tells.</summary>
    public bool IsOurs(CallId id)
    {
        Span<byte> bytes = stackalloc byte[Length];
        Guid.ParseExact(id.Value, "N").TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt16BigEndian(bytes[CheckedLength..]) == Check(bytes);
    }

    private ushort Check(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, bytes[..CheckedLength], hash);
        return BinaryPrimitives.ReadUInt16BigEndian(hash);
    }
}
