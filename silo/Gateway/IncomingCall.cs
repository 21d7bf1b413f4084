using DeployCard.Grains.AsyncCalls;

namespace DeployCard.Silo.Gateway;

/// <summary>A request for an asynchronous call on its way in.</summary>
internal sealed class IncomingCall(HttpContext context, Route route, CallId id, CallLimits limits)
{
    private readonly string target = PodTarget.Of(context, route.Deployment.Value).ToString();

    public HttpContext Context { get; } = context;

    public Route Route { get; } = route;

    public CallId Id { get; } = id;

    /// <summary>The client's name for it; null where it gave none.</summary>
    public string? Key { get; init; }

    /// <summary>Where its end is told; null for nowhere.</summary>
    public Uri? Callback { get; init; }

    /// <summary>The length of its body where that is known beforehand.</summary>
    public long? Length => BodyKind.IsEmpty(Context) ? 0 : Context.Request.ContentLength;

    /// <summary>Its body, once it is read; null for none.</summary>
    public CallBody? Body { get; private set; }

    /// <summary>What tells it from other requests of the same name, once it is read; null where it has no name.</summary>
    public string? Fingerprint { get; private set; }

    /// <summary>Reads the body; false where it is longer than <paramref name="most"/> bytes.</summary>
    public async Task<bool> Read(BodyReader reader, long most)
    {
        var stream = Context.Request.Body;
        using var hash = Key is null ? null : IdempotencyKey.Fingerprint(Context.Request, target);
        (Body, var isTooLarge) = await reader.Read(
            Id,
            BodyPart.Request,
            hash is null ? stream : new HashingStream(stream, hash),
            Context.Request.ContentLength,
            most,
            Context.RequestAborted
        );
        Fingerprint = hash is null || isTooLarge ? null : Convert.ToHexStringLower(hash.GetHashAndReset());
        return !isTooLarge;
    }

    public CallDraft Draft() =>
        new(
            Route.Deployment,
            Route.Uid,
            new(Context.Request.Method, target, TraceContext.Kept(CallHeaders.Kept(Context.Request.Headers)), Body),
            limits
        )
        {
            Callback = Callback,
            IdempotencyKey = Key,
            Fingerprint = Fingerprint,
        };
}
