using System.Security.Cryptography;
using System.Text;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway.Problems;

namespace DeployCard.Gateway;

/// <summary>
/// Request header <c>Idempotency-Key</c>, by which a repeated request is recognized (draft-ietf-httpapi-idempotency-key-header). The draft
/// requires a quoted string; many clients omit the quotes, so both forms are accepted and mean the same key.
/// </summary>
internal static class IdempotencyKey
{
    private const int MaxLength = 255;

    /// <summary>Returns the key, or the problem with it. Both are null if the header is absent.</summary>
    public static (string? Key, GatewayProblem? Problem) Parse(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(HeaderNames.IdempotencyKey, out var given))
            return (null, null);
        var text = given.ToString();
        var key = text is ['"', .. var quoted, '"'] ? quoted : text;
        return given.Count == 1 && key.Length is > 0 and <= MaxLength && key.All(c => c is > ' ' and <= '~' and not ('"' or '\\' or ','))
            ? (key, null)
            : (
                null,
                RequestProblems.InvalidHeader(
                    HeaderNames.IdempotencyKey,
                    $"1 to {MaxLength} visible ASCII characters without '\"', '\\' and ',', with or without quotes around them",
                    text
                )
            );
    }

    /// <summary>
    /// Starts the hash that distinguishes a repeated request from a different request with the same key. Method, target and content type
    /// are already included; the caller appends the body.
    /// </summary>
    public static IncrementalHash StartFingerprint(HttpRequest request, string target)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{target}\n{request.ContentType}\n"));
        return hash;
    }
}
