using DeployCard.Client.Cluster;
using DeployCard.Client.Http;
using DeployCard.Common.Telemetry;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Routing;
using DeployCard.Contracts.Storage;
using DeployCard.Gateway.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace DeployCard.Gateway;

/// <summary>
/// Accepts asynchronous calls. Responds 202 only after the call is stored. If the queue is full, the call is rejected; a request with a
/// <c>Content-Length</c> is rejected before its body is read.
/// </summary>
internal sealed partial class AcceptEndpoint(
    IGrainFactory grains,
    GrainRetry repeatable,
    ICallAcceptor intake,
    CallIdIssuer ids,
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
    /// <summary>Writes the 202 response, or returns the problem that prevents the call from being accepted.</summary>
    public async Task<GatewayProblem?> Handle(HttpContext context, Route route)
    {
        var (limits, problem) = CallHeaders.ParseLimits(context.Request.Headers);
        var (key, keyProblem) = IdempotencyKey.Parse(context.Request.Headers);
        var (callback, callbackProblem) = callbacks.Read(context.Request.Headers, route);
        if ((problem ?? keyProblem ?? callbackProblem) is { } rejection)
            return rejection;
        var maxBytes = options.Value.MaxRequestBytes;
        if (context.Request.ContentLength > maxBytes)
            return RequestProblems.BodyTooLarge(maxBytes);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;

        try
        {
            // Set now and stored with the call, because the client's address is not known later, when a pod gets the request.
            forwarded.Set(context, PodTarget.PathPrefix + route.Deployment.Value);
            var incoming = new IncomingCall(context, route, ids.Create(time.GetUtcNow()), limits) { Key = key, CallbackUrl = callback };
            var earlier = key is null ? null : await calls.FindByIdempotencyKey(route.Deployment, key, context.RequestAborted);
            return await (earlier is { } id ? Repeat(incoming, id) : Accept(incoming));
        }
        catch (Exception e) when (e is not (OperationCanceledException or BadHttpRequestException))
        {
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Error);
            LogCallNotStored(logger, level, e, route.Deployment.Value);
            return TransientErrors.IsGrainUnavailable(e)
                ? AvailabilityProblems.TemporarilyUnavailable
                : AvailabilityProblems.StorageUnavailable;
        }
    }

    private async Task<GatewayProblem?> Accept(IncomingCall incoming)
    {
        var queue = grains.GetGrain<IQueueGrain>(incoming.Route.Deployment.Value);
        var reserved = incoming.Length;
        if (reserved is { } length && await Admit(queue, length, incoming.Route) is { } full)
            return CallProblems.QueueFull(full);
        var (isAccepted, mayBeStored) = (false, false);
        try
        {
            if (!await incoming.Read(reader, options.Value.MaxRequestBytes))
                return RequestProblems.BodyTooLarge(options.Value.MaxRequestBytes);
            if (reserved is null && await Admit(queue, incoming.Body?.Length ?? 0, incoming.Route) is { } fullNow)
                return CallProblems.QueueFull(fullNow);
            reserved ??= incoming.Body?.Length ?? 0;
            mayBeStored = true;
            await intake.Accept(incoming.Id, incoming.ToDraft(), queue);
            isAccepted = true;
        }
        catch (Exception e) when (incoming.Key is { } key && e is not (OperationCanceledException or BadHttpRequestException))
        {
            // A concurrent request with the same key may have been stored first. This request is then a repetition of it.
            if (await calls.FindByIdempotencyKey(incoming.Route.Deployment, key, CancellationToken.None) is not { } first)
                throw;
            mayBeStored = first == incoming.Id;
            return await Compare(incoming, first);
        }
        finally
        {
            if (!isAccepted)
                await ReleaseReservation(incoming, queue, reserved, mayBeStored);
        }

        await WriteAccepted(incoming.Context, incoming.Id);
        return null;
    }

    /// <summary>
    /// Reserves room in the queue; returns null if the call is admitted. Retries are safe: the reservation exists only in the queue grain's
    /// memory and is lost together with its silo.
    /// </summary>
    private Task<QueueFull?> Admit(IQueueGrain queue, long bytes, Route route) =>
        repeatable.Execute(() => queue.Admit(bytes, route.Configuration));

    /// <summary>Handles a repeated request. Its body is read only for the comparison with the first request and is then deleted.</summary>
    private async Task<GatewayProblem?> Repeat(IncomingCall incoming, CallId first)
    {
        try
        {
            return await incoming.Read(reader, options.Value.MaxRequestBytes)
                ? await Compare(incoming, first)
                : RequestProblems.BodyTooLarge(options.Value.MaxRequestBytes);
        }
        finally
        {
            await DeleteBody(incoming);
        }
    }

    private async Task<GatewayProblem?> Compare(IncomingCall incoming, CallId first)
    {
        if (await repeatable.Execute(grains.GetGrain<IAsyncCallGrain>(first.Value).GetFingerprint) != incoming.Fingerprint)
            return CallProblems.IdempotencyKeyReused(first);
        incoming.Context.Response.Headers[HeaderNames.IdempotencyReplayed] = "true";
        await WriteAccepted(incoming.Context, first);
        return null;
    }

    private async Task ReleaseReservation(IncomingCall incoming, IQueueGrain queue, long? reserved, bool mayBeStored)
    {
        if (reserved is { } bytes)
            await queue.Release(bytes);
        // If the storage connection failed, the call may have been stored after all, and the body then belongs to it. If the call was not
        // stored, a later sweep deletes the body by its age.
        if (!mayBeStored)
            await DeleteBody(incoming);
    }

    private async Task DeleteBody(IncomingCall incoming)
    {
        if (incoming.Body is not { Inline: null })
            return;
        try
        {
            await bodies.Delete(incoming.Id, CancellationToken.None);
        }
        catch (Exception e)
        {
            LogBodyNotDeleted(logger, e, incoming.Id);
        }
    }

    private static Task WriteAccepted(HttpContext context, CallId id)
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

    [LoggerMessage(Message = "Storing an asynchronous call of deployment {Deployment} failed; the call was not accepted")]
    private static partial void LogCallNotStored(ILogger logger, LogLevel level, Exception exception, string deployment);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Deleting the body of call {CallId}, which was not accepted, failed; a later sweep deletes it"
    )]
    private static partial void LogBodyNotDeleted(ILogger logger, Exception exception, CallId callId);
}
