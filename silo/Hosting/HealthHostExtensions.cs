using DeployCard.Contracts.Retention;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DeployCard.Silo.Hosting;

/// <summary>Health checks: liveness of the process, and readiness of the silo for requests.</summary>
internal static class HealthHostExtensions
{
    /// <summary>Time within which the storage must respond for the silo to be ready.</summary>
    public static readonly TimeSpan StorageTimeout = TimeSpan.FromSeconds(5);

    private const string Ready = "ready";

    public static void AddHealth(this IServiceCollection services) => services.AddHealthChecks().AddCheck<ReadyCheck>(Ready, tags: [Ready]);

    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready) });
    }

    /// <summary>
    /// Reports the silo as ready if it has started, no shutdown was requested, and the storage responds within
    /// <see cref="StorageTimeout"/>.
    /// </summary>
    private sealed class ReadyCheck(
        IHostApplicationLifetime application,
        DrainingHostLifetime lifetime,
        IRetentionStore storage,
        TimeProvider time
    ) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            if (!application.ApplicationStarted.IsCancellationRequested)
                return HealthCheckResult.Unhealthy("The silo is starting.");
            if (lifetime.IsShutdownRequested || application.ApplicationStopping.IsCancellationRequested)
                return HealthCheckResult.Unhealthy("The silo is stopping.");
            await storage.ListDue(DateTimeOffset.UnixEpoch, null, 1, cancellationToken).WaitAsync(StorageTimeout, time, cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }
}
