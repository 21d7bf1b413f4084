using Microsoft.AspNetCore.Http.Features;

namespace DeployCard.Silo.Gateway;

/// <summary>What can be told of a request's body before it is read.</summary>
internal static class BodyKind
{
    /// <summary>A body up to this length has come, or comes at once, with its head.</summary>
    private const int AtOnce = 32 * 1024;

    /// <summary>Whether there is none, so that the request can be sent once more.</summary>
    public static bool IsEmpty(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } || context.Request.ContentLength is 0;

    /// <summary>Whether it takes a while to come: it is long, or its length is not known.</summary>
    public static bool TakesTime(HttpContext context) => TakesTime(context.Request.ContentLength) && !IsEmpty(context);

    /// <summary>Whether a body of that length takes a while to come; null for a length that is not known.</summary>
    public static bool TakesTime(long? length) => length is not <= AtOnce;

    /// <summary>Whether its length is not known: it may pause for as long as it likes.</summary>
    public static bool IsStream(HttpContext context) => context.Request.ContentLength is null && !IsEmpty(context);
}
