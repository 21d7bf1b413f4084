using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Gateway;

/// <summary>Request for an asynchronous call that is not yet accepted.</summary>
internal sealed class IncomingCall(HttpContext context, Route route, CallId id, CallLimits limits)
{
    private readonly string target = PodTarget.GetTarget(context, route.Deployment.Value).ToString();

    public HttpContext Context { get; } = context;

    public Route Route { get; } = route;

    public CallId Id { get; } = id;

    /// <summary>Idempotency key of the request; null if the client sent no key.</summary>
    public string? Key { get; init; }

    /// <summary>Address that receives a webhook when the call ends; null if the client requested no webhook.</summary>
    public Uri? CallbackUrl { get; init; }

    /// <summary>Length of the body in bytes; null if unknown until the body is read.</summary>
    public long? Length => RequestBodyKind.IsEmpty(Context) ? 0 : Context.Request.ContentLength;

    /// <summary>Body of the request after <see cref="Read"/>; null if the body is empty or not read yet.</summary>
    public CallBody? Body { get; private set; }

    /// <summary>
    /// Hash in lower-case hex that distinguishes the request from other requests with the same idempotency key, after <see cref="Read"/>.
    /// Null if the client sent no key.
    /// </summary>
    public string? Fingerprint { get; private set; }

    /// <summary>Reads the body. Returns false if the body is longer than <paramref name="maxBytes"/> bytes.</summary>
    public async Task<bool> Read(BodyReader reader, long maxBytes)
    {
        var stream = Context.Request.Body;
        using var hash = Key is null ? null : IdempotencyKey.StartFingerprint(Context.Request, target);
        (Body, var isTooLarge) = await reader.Read(
            Id,
            BodyPart.Request,
            hash is null ? stream : new HashingStream(stream, hash),
            Context.Request.ContentLength,
            maxBytes,
            Context.RequestAborted
        );
        Fingerprint = hash is null || isTooLarge ? null : Convert.ToHexStringLower(hash.GetHashAndReset());
        return !isTooLarge;
    }

    public CallDraft ToDraft() =>
        new(
            Route.Deployment,
            Route.Uid,
            new(Context.Request.Method, target, TraceContext.WithCurrentParent(CallHeaders.SelectForwarded(Context.Request.Headers)), Body),
            limits
        )
        {
            CallbackUrl = CallbackUrl,
            IdempotencyKey = Key,
            Fingerprint = Fingerprint,
        };
}
