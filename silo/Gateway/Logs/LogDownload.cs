using System.Globalization;
using DeployCard.Client.Cluster;
using DeployCard.Common.Text;
using DeployCard.Contracts.Access;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Storage;
using DeployCard.Gateway.Problems;
using Microsoft.Net.Http.Headers;

namespace DeployCard.Gateway.Logs;

/// <summary>
/// Serves <c>GET /deployments/{name}/logs.txt</c>: the log as text, oldest line first. Requires the administrator token. The log is
/// read in pages while the response is sent, so memory does not grow with its length. Lines that arrive after the request are not
/// included.
/// </summary>
internal sealed partial class LogDownload(
    IGrainFactory grains,
    GrainRetry calls,
    ICallerAuthenticator authenticator,
    TimeProvider time,
    ILogger<LogDownload> logger
)
{
    private const int PageSize = 1000;

    /// <summary>Time format of RFC 3339. Fractions of a second and the offset are optional; the default offset is UTC.</summary>
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK";
    private const int MaxPodLength = 100;
    private const int MaxSearchLength = 200;

    public async Task Handle(HttpContext context, string name)
    {
        RequestId.Ensure(context);
        try
        {
            if (await TryServe(context, name) is { } problem)
                await problem.Write(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has disconnected, so there is no recipient for a response.
        }
        // If the response has started, the server aborts the connection.
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Error);
            LogDownloadFailed(logger, level, e, name);
            await (
                TransientErrors.IsGrainUnavailable(e) ? AvailabilityProblems.TemporarilyUnavailable : AvailabilityProblems.LogUnavailable
            ).Write(context);
        }
    }

    private async Task<GatewayProblem?> TryServe(HttpContext context, string name)
    {
        if (await authenticator.Authenticate(BearerToken.Parse(context.Request.Headers.Authorization), context.RequestAborted) is null)
            return AccessProblems.Unauthenticated;
        var (query, problem) = Query(context.Request.Query);
        if (problem is not null)
            return problem;
        if (
            !DeploymentName.TryParse(name, out var deployment)
            || await calls.Execute(grains.GetGrain<IDeploymentGrain>(deployment.Value).Get, context.RequestAborted) is not { } view
        )
        {
            return DeploymentProblems.NotFound(name);
        }

        if (view.DeletedAt is not null)
            return DeploymentProblems.Deleted(name);
        await Write(context, deployment, query);
        return null;
    }

    private async Task Write(HttpContext context, DeploymentName deployment, LogQuery query)
    {
        var log = grains.GetGrain<ILogGrain>(deployment.Value);
        // Read the first page before sending anything, so that a failure can still be returned as a problem.
        var lines = await Read(query);
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment")
        {
            FileName = $"{deployment}-logs.txt",
        }.ToString();
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        while (lines.Count > 0)
        {
            await context.Response.WriteAsync(LogText.Format(lines), context.RequestAborted);
            lines = lines.Count < PageSize ? [] : await Read(query with { After = lines[^1].Sequence });
        }

        Task<IReadOnlyList<LogLine>> Read(LogQuery page) => calls.Execute(() => log.Read(page), context.RequestAborted);
    }

    private (LogQuery Query, GatewayProblem? Problem) Query(IQueryCollection given)
    {
        DateTimeOffset? from = null,
            to = null;
        var problem =
            ReadTime("from", ref from)
            ?? ReadTime("to", ref to)
            ?? CheckLength("pod", MaxPodLength)
            ?? CheckLength("search", MaxSearchLength);
        // Without an upper limit, the response would not end while a pod keeps writing.
        return (
            new(PageSize, Pod: Single("pod"), Search: Single("search"), From: from, To: to ?? time.GetUtcNow(), FromOldest: true),
            problem
        );

        string? Single(string parameter) => given[parameter] is [{ Length: > 0 } value] ? value : null;

        GatewayProblem? ReadTime(string parameter, ref DateTimeOffset? at)
        {
            if (given[parameter] is not { Count: > 0 } values)
                return null;
            if (
                !DateTimeOffset.TryParseExact(
                    values,
                    TimeFormat,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                    out var parsed
                )
            )
                return RequestProblems.InvalidParameter(parameter, "a single time such as 2026-11-25T10:00:00Z", values.ToString());
            at = parsed;
            return null;
        }

        GatewayProblem? CheckLength(string parameter, int maxLength) =>
            given[parameter] is var values && (values.Count > 1 || values.ToString().Length > maxLength)
                ? RequestProblems.InvalidParameter(parameter, $"a single value of at most {maxLength} characters", values.ToString())
                : null;
    }

    [LoggerMessage(Message = "Reading the log of deployment {Deployment} for a download failed")]
    private static partial void LogDownloadFailed(ILogger logger, LogLevel level, Exception exception, string deployment);
}
