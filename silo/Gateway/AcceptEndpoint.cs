using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Storage;
using DeployCard.Grains.Telemetry;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Gateway;

/// <summary>Accepts an asynchronous call: 202 only after it is stored. A full queue refuses it before, without its body where that has a length.</summary>
internal sealed partial class AcceptEndpoint(
    IGrainFactory grains,
    RepeatableCalls repeatable,
    ICallIntake intake,
    CallIds ids,
    IAsyncCallStore calls,
    IBodyStore bodies,
    BodyReader reader,
    CallbackHeader callbacks,
    ForwardedHeaders forwarded,
    IOptions<AsyncCallOptions> options,
    TimeProvider time,
    ILogger<AcceptEndpoint> logger
)
{
    /// <summary>Answers, or returns why it does not accept.</summary>
    public async Task<GatewayProblem?> Handle(HttpContext context, Route route)
    {
        var (limits, problem) = CallHeaders.Limits(context.Request.Headers);
        var (key, wrongKey) = IdempotencyKey.Of(context.Request.Headers);
        var (callback, wrongCallback) = callbacks.Read(context.Request.Headers, route);
        if ((problem ?? wrongKey ?? wrongCallback) is { } refusal)
            return refusal;
        var most = options.Value.MaxRequestBytes;
        if (context.Request.ContentLength > most)
            return GatewayProblem.BodyTooLarge(most);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;

        try
        {
            // Whoever asked is asked about later by the pod, too.
            forwarded.Set(context, PodTarget.Start + route.Deployment.Value);
            var incoming = new IncomingCall(context, route, ids.New(time.GetUtcNow()), limits) { Key = key, Callback = callback };
            var earlier = key is null ? null : await calls.Find(route.Deployment, key, context.RequestAborted);
            return await (earlier is { } id ? Repeat(incoming, id) : Accept(incoming));
        }
        catch (Exception e) when (e is not (OperationCanceledException or BadHttpRequestException))
        {
            var level = StorageHealth.Level(e, LogLevel.Error);
            LogNotAccepted(logger, level, e, route.Deployment.Value);
            return ClusterFault.Is(e) ? GatewayProblem.SiloAway : GatewayProblem.StorageAway;
        }
    }

    private async Task<GatewayProblem?> Accept(IncomingCall incoming)
    {
        var queue = grains.GetGrain<IQueueGrain>(incoming.Route.Deployment.Value);
        var reserved = incoming.Length;
        if (reserved is { } length && await Admit(queue, length, incoming.Route) is { } full)
            return GatewayProblem.CallQueueFull(full);
        var (isAccepted, mayBeStored) = (false, false);
        try
        {
            if (!await incoming.Read(reader, options.Value.MaxRequestBytes))
                return GatewayProblem.BodyTooLarge(options.Value.MaxRequestBytes);
            if (reserved is null && await Admit(queue, incoming.Body?.Length ?? 0, incoming.Route) is { } fullNow)
                return GatewayProblem.CallQueueFull(fullNow);
            reserved ??= incoming.Body?.Length ?? 0;
            mayBeStored = true;
            await intake.Accept(incoming.Id, incoming.Draft(), queue);
            isAccepted = true;
        }
        catch (Exception e) when (incoming.Key is { } key && e is not (OperationCanceledException or BadHttpRequestException))
        {
            // Another request may have come first with the same key; then this one is its repetition.
            if (await calls.Find(incoming.Route.Deployment, key, CancellationToken.None) is not { } first)
                throw;
            mayBeStored = first == incoming.Id;
            return await Compare(incoming, first);
        }
        finally
        {
            if (!isAccepted)
                await Forget(incoming, queue, reserved, mayBeStored);
        }

        await Answer(incoming.Context, incoming.Id);
        return null;
    }

    /// <summary>A place is held in the queue's memory only: where its silo went, the place went with it.</summary>
    private Task<QueueRefusal?> Admit(IQueueGrain queue, long bytes, Route route) =>
        repeatable.Make(() => queue.Admit(bytes, route.Limits));

    /// <summary>A repetition has the body of the first request: it is read to be compared, and not kept.</summary>
    private async Task<GatewayProblem?> Repeat(IncomingCall incoming, CallId first)
    {
        try
        {
            return await incoming.Read(reader, options.Value.MaxRequestBytes)
                ? await Compare(incoming, first)
                : GatewayProblem.BodyTooLarge(options.Value.MaxRequestBytes);
        }
        finally
        {
            await DropBody(incoming);
        }
    }

    private async Task<GatewayProblem?> Compare(IncomingCall incoming, CallId first)
    {
        if (await repeatable.Make(grains.GetGrain<IAsyncCallGrain>(first.Value).GetFingerprint) != incoming.Fingerprint)
            return GatewayProblem.IdempotencyKeyReused(first);
        incoming.Context.Response.Headers[IdempotencyKey.ReplayedHeader] = "true";
        await Answer(incoming.Context, first);
        return null;
    }

    private async Task Forget(IncomingCall incoming, IQueueGrain queue, long? reserved, bool mayBeStored)
    {
        if (reserved is { } bytes)
            await queue.GiveBack(bytes);
        // Where the connection to storage broke, the call may be there after all, and its body is its own; else it is swept up by its age.
        if (!mayBeStored)
            await DropBody(incoming);
    }

    private async Task DropBody(IncomingCall incoming)
    {
        if (incoming.Body is not { Inline: null })
            return;
        try
        {
            await bodies.Delete(incoming.Id, CancellationToken.None);
        }
        catch (Exception e)
        {
            // It is swept up by its age.
            LogBodyLeft(logger, e, incoming.Id);
        }
    }

    private static Task Answer(HttpContext context, CallId id)
    {
        Spans.Current?.SetTag("deploycard.call.id", id.Value);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"/calls/{id}";
        return context.Response.WriteAsJsonAsync(
            new CallAccepted(id.Value),
            CallJson.Default.CallAccepted,
            cancellationToken: context.RequestAborted
        );
    }

    [LoggerMessage(Message = "An asynchronous call of deployment {Deployment} could not be stored")]
    private static partial void LogNotAccepted(ILogger logger, LogLevel level, Exception exception, string deployment);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The body of call {Call}, which was not accepted, could not be removed; it is swept up later"
    )]
    private static partial void LogBodyLeft(ILogger logger, Exception exception, CallId call);
}
