using DeployCard.Grains.Runtimes.LocalProcess;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

/// <summary>What the kernel tells of processes.</summary>
public sealed class UsageTests
{
    [Fact]
    public void A_programs_name_may_hold_anything()
    {
        var text = "4242 (a ) b (c) S 1 4242 4200 0 -1 4194560 1 2 3 4 150 50 30 20 20 0 7 0 100 1000000 25 18446744073709551615";

        ProcessStat.TryParse(text, out var stat).ShouldBeTrue();

        (stat.Session, stat.Cpu, stat.MemoryBytes).ShouldBe((4200, TimeSpan.FromSeconds(2.5), 25L * Environment.SystemPageSize));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 (x")]
    [InlineData("1 (x) S 1 2")]
    public void What_is_cut_off_is_left_out(string text) => ProcessStat.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void This_very_process_is_among_all_and_has_memory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has /proc.");

        ProcessStat.All().Max(process => process.MemoryBytes).ShouldBeGreaterThan(1 << 20);
    }
}
