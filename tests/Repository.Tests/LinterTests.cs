using System.Text.Json;
using DeployCard.Tests.Support;

namespace DeployCard.Repository.Tests;

/// <summary>Runs the linters of Markdown and of spelling over the repository.</summary>
public sealed class LinterTests
{
    [Fact]
    public async Task Markdown_passes_markdownlint() =>
        await Run(
            "markdownlint-cli2",
            ["--config", RepositoryFiles.Absolute(".markdownlint-cli2.jsonc"), .. RepositoryFiles.WithEnding(".md")]
        );

    [Fact]
    public async Task Words_are_spelled_correctly()
    {
        var list = Path.Combine(AppContext.BaseDirectory, "spelled-files.txt");
        await File.WriteAllLinesAsync(
            list,
            RepositoryFiles.WithEnding(".md", ".cs", ".graphql", ".yml", ".yaml").Select(RepositoryFiles.Absolute),
            TestContext.Current.CancellationToken
        );

        await Run(
            "cspell",
            "lint",
            "--config",
            RepositoryFiles.Absolute("cspell.json"),
            "--no-progress",
            "--no-summary",
            "--file-list",
            list
        );
    }

    [Fact]
    public void Word_list_is_sorted_and_has_no_duplicates()
    {
        using var config = JsonDocument.Parse(RepositoryFiles.Read("cspell.json"));
        var words = config.RootElement.GetProperty("words").EnumerateArray().Select(word => word.GetString()!).ToList();

        words.ShouldBe(words.Distinct().Order(StringComparer.Ordinal));
    }

    private static async Task Run(string linter, params string[] arguments)
    {
        var folder = await NodePackages.Install("Lint");
        using var process = NodePackages.Start(Path.Combine(folder, "node_modules", ".bin", linter), Snapshot.Root, arguments);
        process.StandardInput.Close();
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, string.Concat(output));
    }
}
