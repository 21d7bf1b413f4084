using DeployCard.LocalProcess.Processes;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

/// <summary>Tests the parsing of the kernel's process statistics.</summary>
public sealed class ProcessStatTests
{
    [Fact]
    public void Program_name_may_contain_any_character()
    {
        var text = "4242 (a ) b (c) S 1 4242 4200 0 -1 4194560 1 2 3 4 150 50 30 20 20 0 7 0 100 1000000 25 18446744073709551615";

        ProcessStat.TryParse(text, out var stat).ShouldBeTrue();

        (stat.Session, stat.CpuTime, stat.MemoryBytes).ShouldBe((4200, TimeSpan.FromSeconds(2.5), 25L * Environment.SystemPageSize));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 (x")]
    [InlineData("1 (x) S 1 2")]
    public void Truncated_text_is_not_parsed(string text) => ProcessStat.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Running_processes_have_memory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has /proc.");

        ProcessStat.ReadAll().Max(process => process.MemoryBytes).ShouldBeGreaterThan(1 << 20);
    }
}
