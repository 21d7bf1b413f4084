using DeployCard.Contracts.Autoscaling;
using DeployCard.Contracts.Names;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Reports the number of ready calls of a queue to the deployment, as if the queue were a gateway. The invariant: the first ready call and
/// the change to zero are reported immediately, and in between the reports have a distance of at least <see cref="MinInterval"/>. Calls
/// that back off are not reported, because they need no pod yet.
/// </summary>
/// <param name="deployment">Deployment of the queue.</param>
/// <param name="send">Sends a report to the deployment.</param>
/// <param name="time">The clock for the time between reports.</param>
/// <param name="logger">Receives failures of reports.</param>
internal sealed class BacklogReporter(DeploymentName deployment, Func<LoadReport, Task> send, TimeProvider time, ILogger logger)
{
    /// <summary>Minimum time between two backlog reports while calls wait. The first waiting call is reported immediately.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(100);

    private int reportedBacklog;
    private DateTimeOffset reportedAt;

    /// <summary>Sends a report if one is due. Returns without waiting for the deployment.</summary>
    /// <param name="ready">Number of ready calls.</param>
    public void Report(int ready)
    {
        var now = time.GetUtcNow();
        if ((ready == 0 && reportedBacklog == 0) || (reportedBacklog > 0 && ready > 0 && now - reportedAt < MinInterval))
            return;
        (reportedBacklog, reportedAt) = (ready, now);
        _ = Send(new(LoadReport.Queue, now, 0, ready, now, []));
    }

    /// <summary>
    /// Sends a report concurrently with other requests to the grain, so that a deployment that starts pods does not delay calls.
    /// </summary>
    private async Task Send(LoadReport backlog)
    {
        try
        {
            await send(backlog);
        }
        catch (Exception e)
        {
            logger.LogBacklogReportFailed(e, deployment);
        }
    }
}
