using DeployCard.Grains.Retention;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DeployCard.Silo.Hosting;

/// <summary>Whether the process lives, and whether it should get requests.</summary>
internal static class Health
{
    /// <summary>How long the storage may take to answer for the silo to be ready.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const string Ready = "ready";

    public static void AddHealth(this IServiceCollection services) => services.AddHealthChecks().AddCheck<ReadyCheck>(Ready, tags: [Ready]);

    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready) });
    }

    /// <summary>Ready from the end of the start to the beginning of the end, while the storage answers.</summary>
    private sealed class ReadyCheck(IHostApplicationLifetime lifetime, Leaving leaving, IRetentionStore storage, TimeProvider time)
        : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            if (!lifetime.ApplicationStarted.IsCancellationRequested)
                return HealthCheckResult.Unhealthy("The silo is starting.");
            if (leaving.HasBegun || lifetime.ApplicationStopping.IsCancellationRequested)
                return HealthCheckResult.Unhealthy("The silo is stopping.");
            await storage.ListDue(DateTimeOffset.UnixEpoch, null, 1, cancellationToken).WaitAsync(Patience, time, cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }
}
