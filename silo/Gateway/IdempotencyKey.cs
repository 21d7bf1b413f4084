using System.Security.Cryptography;
using System.Text;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// A client's name for a request, by which a repetition of it is known (draft-ietf-httpapi-idempotency-key-header). The draft writes it as a
/// quoted string; many clients leave the quotes out, which is taken for the same.
/// </summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    /// <summary>Tells a client that it was given the answer to an earlier request.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const int Longest = 255;

    /// <summary>The key, null where there is none; or what is wrong with it.</summary>
    public static (string? Key, GatewayProblem? Problem) Of(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(Header, out var given))
            return (null, null);
        var text = given.ToString();
        var key = text is ['"', .. var quoted, '"'] ? quoted : text;
        return given.Count == 1 && key.Length is > 0 and <= Longest && key.All(c => c is > ' ' and <= '~' and not ('"' or '\\' or ','))
            ? (key, null)
            : (
                null,
                GatewayProblem.InvalidHeader(
                    Header,
                    $"1 to {Longest} visible ASCII characters without '\"', '\\' and ',', with or without quotes around them",
                    text
                )
            );
    }

    /// <summary>Begins the hash by which a repetition is told from another request: over method, target, content type and then the body.</summary>
    public static IncrementalHash Fingerprint(HttpRequest request, string target)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{target}\n{request.ContentType}\n"));
        return hash;
    }
}
