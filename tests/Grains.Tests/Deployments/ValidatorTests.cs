using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Domain.Deployments;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class ValidatorTests
{
    private const long Mebi = 1L << 20;

    public static TheoryData<string, ConfigurationInput, bool> Bounds =>
        new()
        {
            {
                "pods",
                new() { Pods = "0-100" },
                true
            },
            {
                "pods",
                new() { Pods = "0-101" },
                false
            },
            {
                "cpu",
                new() { Cpu = 0 },
                true
            },
            {
                "cpu",
                new() { Cpu = 0.01 },
                true
            },
            {
                "cpu",
                new() { Cpu = 1024 },
                true
            },
            {
                "cpu",
                new() { Cpu = 0.009 },
                false
            },
            {
                "cpu",
                new() { Cpu = 1024.1 },
                false
            },
            {
                "cpu",
                new() { Cpu = -1 },
                false
            },
            {
                "cpu",
                new() { Cpu = double.NaN },
                false
            },
            {
                "cpu",
                new() { Cpu = double.PositiveInfinity },
                false
            },
            {
                "memoryBytes",
                new() { MemoryBytes = 0 },
                true
            },
            {
                "memoryBytes",
                new() { MemoryBytes = Mebi },
                true
            },
            {
                "memoryBytes",
                new() { MemoryBytes = 1L << 46 },
                true
            },
            {
                "memoryBytes",
                new() { MemoryBytes = Mebi - 1 },
                false
            },
            {
                "memoryBytes",
                new() { MemoryBytes = (1L << 46) + 1 },
                false
            },
            {
                "gpu",
                new() { Gpu = 64 },
                true
            },
            {
                "gpu",
                new() { Gpu = 65 },
                false
            },
            {
                "gpu",
                new() { Gpu = -1 },
                false
            },
            {
                "concurrency",
                new() { Concurrency = 100_000 },
                true
            },
            {
                "concurrency",
                new() { Concurrency = 100_001 },
                false
            },
            {
                "queueLength",
                new() { QueueLength = 0 },
                true
            },
            {
                "queueLength",
                new() { QueueLength = -1 },
                false
            },
            {
                "startupTimeout",
                new() { StartupTimeout = TimeSpan.FromSeconds(1) },
                true
            },
            {
                "startupTimeout",
                new() { StartupTimeout = TimeSpan.FromSeconds(0.9) },
                false
            },
            {
                "queueTimeout",
                new() { QueueTimeout = TimeSpan.FromHours(1) },
                true
            },
            {
                "queueTimeout",
                new() { QueueTimeout = TimeSpan.FromHours(1.1) },
                false
            },
            {
                "requestTimeout",
                new() { RequestTimeout = TimeSpan.FromHours(24) },
                true
            },
            {
                "requestTimeout",
                new() { RequestTimeout = TimeSpan.FromHours(24.1) },
                false
            },
            {
                "idleTimeout",
                new() { IdleTimeout = TimeSpan.Zero },
                false
            },
            {
                "terminationGracePeriod",
                new() { TerminationGracePeriod = TimeSpan.Zero },
                true
            },
            {
                "terminationGracePeriod",
                new() { TerminationGracePeriod = TimeSpan.FromSeconds(-1) },
                false
            },
            { "environment", Variable("A_1", "x"), true },
            { "environment", Variable("_", ""), true },
            { "environment", Variable("1A", "x"), false },
            { "environment", Variable("A-B", "x"), false },
            { "environment", Variable("A\n", "x"), false },
            { "environment", Variable("", "x"), false },
            { "environment", Variable("A", "x\0"), false },
            { "environment", Variable("A", new('x', 32 * 1024)), true },
            { "environment", Variable("A", new('x', 32 * 1024 + 1)), false },
            { "environment", Variable("PORT", "1"), false },
            { "environment", Variable("HOSTNAME", "1"), false },
            { "environment", Variable("DEPLOYMENT", "1"), false },
            { "labels", Labels(new Label("team", "search-1_x.y")), true },
            { "labels", Labels(new Label("example.com/team", "")), true },
            { "labels", Labels(new Label(new('k', 63), new('v', 63))), true },
            { "labels", Labels(new Label(new('k', 64), "v")), false },
            { "labels", Labels(new Label("team", new('v', 64))), false },
            { "labels", Labels(new Label("-team", "v")), false },
            { "labels", Labels(new Label("team\n", "v")), false },
            { "labels", Labels(new Label("", "v")), false },
            { "labels", Labels(new Label("Example.com/team", "v")), false },
            { "labels", Labels(new Label("team", "a b")), false },
            { "labels", Labels(new Label("app.kubernetes.io/name", "v")), false },
            { "labels", Labels(new Label("deploycard.io/deployment", "v")), false },
            { "labels", Labels(new Label("team", "a"), new("team", "b")), false },
            { "labels", Labels([.. Enumerable.Range(0, 50).Select(i => new Label($"k{i}", ""))]), true },
            { "labels", Labels([.. Enumerable.Range(0, 51).Select(i => new Label($"k{i}", ""))]), false },
        };

    [Theory]
    [MemberData(nameof(Bounds), DisableDiscoveryEnumeration = true)]
    public void Each_limit_of_a_configuration_is_exact_and_names_its_field(string field, ConfigurationInput spec, bool isAllowed)
    {
        var errors = DeploymentValidator.Validate(new DeploymentChange(null, null, spec, null));

        errors.Select(error => error.Field).ShouldBe(isAllowed ? [] : [$"configuration.{field}"]);
        errors.ShouldAllBe(error => error.Message.Contains("must be") && error.Message.Contains("got"));
    }

    [Fact]
    public void Very_long_value_is_shortened_in_the_message() =>
        DeploymentValidator
            .Validate(new DeploymentChange(null, null, new() { Pods = new('9', 100_000) }, null))
            .Single()
            .Message.Length.ShouldBeLessThan(300);

    [Fact]
    public void Empty_change_is_valid() => DeploymentValidator.Validate(new DeploymentChange(null, null, null, null)).ShouldBeEmpty();

    [Fact]
    public void Specification_keeps_unset_values()
    {
        var current = new DeploymentConfiguration
        {
            Pods = new(1, 5),
            Cpu = 2,
            Gpu = 1,
            Concurrency = 3,
        };

        var applied = new ConfigurationInput { Cpu = 0, Concurrency = 0 }.ApplyTo(current);

        applied.ShouldBe(current with { Cpu = null, Concurrency = 0 });
    }

    [Fact]
    public void Specification_overrides_the_defaults_of_the_image()
    {
        var image = new ConfigurationInput
        {
            Pods = "1-2",
            Concurrency = 4,
            StartupTimeout = TimeSpan.FromSeconds(9),
        };

        var configuration = new ConfigurationInput { Pods = "0-0" }.ApplyTo(image.ApplyTo(new()));

        configuration.Pods.ShouldBe(new(0, 0));
        configuration.Concurrency.ShouldBe(4);
        configuration.StartupTimeout.ShouldBe(TimeSpan.FromSeconds(9));
    }

    private static ConfigurationInput Labels(params Label[] labels) => new() { Labels = labels };

    private static ConfigurationInput Variable(string name, string value) => new() { Environment = [new(name, value)] };
}
