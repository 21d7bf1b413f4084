using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Logs;
using DeployCard.Tests.Support;
using Orleans.Configuration;

namespace DeployCard.Grains.Tests.Placement;

/// <summary>Distribution of grains over the silos.</summary>
public sealed class GrainDistributionTests : IAsyncLifetime
{
    private const int Deployments = 60;

    private readonly TestSilos silos = new() { SiloCount = 3, ConfigureSilo = ConfigureRebalancing };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await silos.Start();

    public ValueTask DisposeAsync() => silos.DisposeAsync();

    [Fact]
    public async Task Deployments_queues_and_logs_are_distributed_over_the_silos()
    {
        await Create();

        foreach (var type in new[] { "deployment", "queue", "log" })
        {
            var counts = await CountBySilo(type);
            counts.Values.Sum().ShouldBe(Deployments, type);
            counts.Count.ShouldBe(3, $"{type}: {string.Join(", ", counts)}");
            counts.Values.Min().ShouldBeGreaterThan(Deployments / 10, type);
        }
    }

    [Fact]
    public async Task New_silo_gets_its_share_of_deployments()
    {
        await Create();

        var added = await silos.Cluster.StartAdditionalSiloAsync();

        await silos.Until(async () => (await CountBySilo("deployment")).GetValueOrDefault(added.SiloAddress) >= Deployments / 10);
        silos.Warnings.ShouldNotContain(complaint => complaint.Contains("dehydrat", StringComparison.OrdinalIgnoreCase));
        // Migrated deployments keep their state.
        for (var i = 0; i < Deployments; i++)
            (await silos.Deployment($"d{i}").Get()).ShouldNotBeNull().Pods.ShouldHaveSingleItem();
    }

    private static void ConfigureRebalancing(ISiloBuilder silo)
    {
#pragma warning disable ORLEANSEXP002 // The same as in the product, with shorter intervals.
        silo.AddActivationRebalancer();
#pragma warning restore ORLEANSEXP002
        silo.Configure<ActivationRebalancerOptions>(options =>
            (options.RebalancerDueTime, options.SessionCyclePeriod) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2))
        );
        silo.Configure<DeploymentLoadPublisherOptions>(options =>
            options.DeploymentLoadPublisherRefreshTime = TimeSpan.FromMilliseconds(500)
        );
    }

    private async Task Create()
    {
        for (var i = 0; i < Deployments; i++)
        {
            silos.Pods.ReadyImmediately($"d{i}");
            var draft = new DeploymentDraft(null, ScriptedImageCatalog.Plain, new ConfigurationInput { Pods = "1-1" });
            (await silos.Deployment($"d{i}").Create(draft, "anna", Token)).Errors.ShouldBeEmpty();
            await silos.Grains.GetGrain<IQueueGrain>($"d{i}").Admit(1, null);
            await silos.Grains.GetGrain<ILogGrain>($"d{i}").Append(new($"d{i}-1"), []);
        }

        await silos.Until(async () =>
            (await Task.WhenAll(Enumerable.Range(0, Deployments).Select(i => silos.Deployment($"d{i}").Get()))).All(view =>
                view?.Status is DeploymentStatus.Ready
            )
        );
    }

    private async Task<Dictionary<SiloAddress, int>> CountBySilo(string type) =>
        (await silos.Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics())
            .Where(grain => grain.GrainId.Type.ToString() == type)
            .GroupBy(grain => grain.SiloAddress)
            .ToDictionary(silo => silo.Key, silo => silo.Count());
}
