using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DeployCard.Contracts.AsyncCalls;

/// <summary>
/// Issues the call ids of this installation. The last 16 bits of an id are check bits: a truncated HMAC of the other bits, under a key
/// derived from the installation's secret. They identify an issued id even after its call was purged. The gateway can therefore distinguish
/// purged calls from calls that never existed, without storing a tombstone for each purged call.
/// </summary>
/// <remarks>
/// An id has 58 random bits. Among 1,000 ids created in the same millisecond, the probability of a collision is 1 in 6 · 10¹¹. If two
/// requests got the same id, the later request would be treated as a repetition of the earlier request. A forged id passes the check with a
/// probability of 1 in 65,536; its only effect is a response that says that the call was purged. Ids that were issued before check bits
/// existed, or under a secret that was lost, are reported as unknown after their calls were purged.
/// </remarks>
public sealed class CallIdIssuer
{
    private const int CheckedLength = 14;
    private const int Length = CheckedLength + sizeof(ushort);

    private readonly byte[] key;

    /// <summary>Creates the issuer for an installation.</summary>
    /// <param name="secret">
    /// The secret of the installation, at least 32 bytes. The HMAC key is derived from the secret with HKDF (RFC 5869), so the check bits
    /// reveal nothing about other hashes under the same secret.
    /// </param>
    public CallIdIssuer(byte[] secret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, 32);
        key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, HMACSHA256.HashSizeInBytes, info: "DeployCard call id"u8.ToArray());
    }

    /// <summary>Creates an id, a UUID version 7 with check bits.</summary>
    public CallId Create(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[Length];
        Guid.CreateVersion7(now).TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[CheckedLength..], ComputeCheck(bytes));
        return CallId.FromGuid(new(bytes, bigEndian: true));
    }

    /// <summary>Whether the check bits of the id match, which makes it very likely that this installation issued it.</summary>
    public bool IsIssuedHere(CallId id)
    {
        Span<byte> bytes = stackalloc byte[Length];
        Guid.ParseExact(id.Value, "N").TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt16BigEndian(bytes[CheckedLength..]) == ComputeCheck(bytes);
    }

    private ushort ComputeCheck(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, bytes[..CheckedLength], hash);
        return BinaryPrimitives.ReadUInt16BigEndian(hash);
    }
}
