using Microsoft.AspNetCore.Http.Features;

namespace DeployCard.Gateway;

/// <summary>Properties of a request body that are known before the body is read.</summary>
internal static class RequestBodyKind
{
    /// <summary>Maximum length in bytes of a small body, which usually arrives together with the request headers.</summary>
    private const int MaxSmallBodyBytes = 32 * 1024;

    /// <summary>Whether the request has no body, so that the gateway can send it again.</summary>
    public static bool IsEmpty(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } || context.Request.ContentLength is 0;

    /// <summary>Whether the body may take a while to arrive, because it is larger than 32 KiB or its length is unknown.</summary>
    public static bool IsLargeOrStreamed(HttpContext context) => IsLargeOrStreamed(context.Request.ContentLength) && !IsEmpty(context);

    /// <summary>Whether a body of this length may take a while to arrive.</summary>
    /// <param name="length">Length in bytes; null if unknown.</param>
    public static bool IsLargeOrStreamed(long? length) => length is not <= MaxSmallBodyBytes;

    /// <summary>Whether the request has a body of unknown length. Such a body is a stream, which may pause for any time.</summary>
    public static bool HasUnknownLength(HttpContext context) => context.Request.ContentLength is null && !IsEmpty(context);
}
