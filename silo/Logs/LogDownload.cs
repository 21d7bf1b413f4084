using System.Globalization;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Storage;
using DeployCard.GraphQL;
using DeployCard.GraphQL.Engine.Transport;
using DeployCard.Silo.Gateway;
using Microsoft.Net.Http.Headers;

namespace DeployCard.Silo.Logs;

/// <summary>
/// <c>GET /deployments/{name}/logs.txt</c>: the log as text, from its oldest line on, for the holder of the administrator token. It is read piece by
/// piece while it is sent, so that a log of any length takes no memory here. What comes while it is sent is not in it.
/// </summary>
internal sealed partial class LogDownload(
    IGrainFactory grains,
    RepeatableCalls calls,
    IGraphQLAuthenticator authenticator,
    TimeProvider time,
    ILogger<LogDownload> logger
)
{
    private const int Piece = 1000;

    /// <summary>That of RFC 3339; parts of a second and the offset may be left out.</summary>
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK";
    private const int LongestPod = 100;
    private const int LongestSearch = 200;

    public async Task Answer(HttpContext context, string name)
    {
        RequestId.Ensure(context);
        try
        {
            if (await AnswerOrProblem(context, name) is { } problem)
                await problem.Write(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
        // An answer that has begun is broken off, which the server sees to.
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var level = StorageHealth.Level(e, LogLevel.Error);
            LogNotAnswered(logger, level, e, name);
            await (ClusterFault.Is(e) ? GatewayProblem.SiloAway : GatewayProblem.LogsUnread).Write(context);
        }
    }

    private async Task<GatewayProblem?> AnswerOrProblem(HttpContext context, string name)
    {
        if (await authenticator.Authenticate(BearerToken.Of(context.Request), context.RequestAborted) is null)
            return GatewayProblem.AdministratorTokenNeeded;
        var (query, problem) = Query(context.Request.Query);
        if (problem is not null)
            return problem;
        if (
            !DeploymentName.TryParse(name, out var deployment)
            || await calls.Make(grains.GetGrain<IDeploymentGrain>(deployment.Value).Get, context.RequestAborted) is not { } view
        )
        {
            return GatewayProblem.NotFound(name);
        }

        if (view.DeletedAt is not null)
            return GatewayProblem.Deleted(name);
        await Write(context, deployment, query);
        return null;
    }

    private async Task Write(HttpContext context, DeploymentName deployment, LogQuery query)
    {
        var log = grains.GetGrain<ILogGrain>(deployment.Value);
        // Before anything is sent: what fails now can be told.
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
            await context.Response.WriteAsync(LogText.Of(lines), context.RequestAborted);
            lines = lines.Count < Piece ? [] : await Read(query with { After = lines[^1].Sequence });
        }

        Task<IReadOnlyList<LogLine>> Read(LogQuery piece) => calls.Make(() => log.Read(piece), context.RequestAborted);
    }

    private (LogQuery Query, GatewayProblem? Problem) Query(IQueryCollection given)
    {
        DateTimeOffset? from = null,
            to = null;
        var problem = Time("from", ref from) ?? Time("to", ref to) ?? Text("pod", LongestPod) ?? Text("search", LongestSearch);
        // Without an end what a pod writes while this is sent would have none either.
        return (new(Piece, Pod: One("pod"), Search: One("search"), From: from, To: to ?? time.GetUtcNow(), Oldest: true), problem);

        string? One(string parameter) => given[parameter] is [{ Length: > 0 } value] ? value : null;

        GatewayProblem? Time(string parameter, ref DateTimeOffset? at)
        {
            if (given[parameter] is not { Count: > 0 } values)
                return null;
            if (
                !DateTimeOffset.TryParseExact(
                    values,
                    Format,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                    out var parsed
                )
            )
                return GatewayProblem.InvalidParameter(parameter, "a time as in 2026-11-25T10:00:00Z, once", values.ToString());
            at = parsed;
            return null;
        }

        GatewayProblem? Text(string parameter, int longest) =>
            given[parameter] is var values && (values.Count > 1 || values.ToString().Length > longest)
                ? GatewayProblem.InvalidParameter(parameter, $"at most {longest} characters, once", values.ToString())
                : null;
    }

    [LoggerMessage(Message = "The log of {Deployment} could not be read to be downloaded")]
    private static partial void LogNotAnswered(ILogger logger, LogLevel level, Exception exception, string deployment);
}
