using System.Diagnostics;
using System.Text.RegularExpressions;
using DeployCard.Tests.Support;

namespace DeployCard.Repository.Tests;

/// <summary>One style for all code. The build checks names and the order of <c>using</c> lines; these tests check the layout.</summary>
public sealed partial class CodeStyleTests
{
    private const int MaxLine = 140;

    [Fact]
    public async Task Code_is_laid_out_by_CSharpier()
    {
        await Run("tool", "restore");
        await Run("csharpier", "check", ".");
    }

    [Fact]
    public Task White_space_agrees_with_dotnet_format() => Run("format", "whitespace", "--verify-no-changes", "--folder");

    [Fact]
    public void Lines_of_code_have_at_most_140_characters()
    {
        var tooLong =
            from path in RepositoryFiles.WithEnding(".cs")
            from line in RepositoryFiles.Read(path).Split('\n').Index()
            where line.Item.Length > MaxLine
            select $"{path}:{line.Index + 1}: {line.Item.Length} characters";
        tooLong.ShouldBeEmpty();
    }

    [Fact]
    public void Guards_of_one_line_have_no_braces()
    {
        var braces =
            from path in RepositoryFiles.WithEnding(".cs")
            from Match guard in BracedGuard().Matches(RepositoryFiles.Read(path))
            select $"{path}: {guard.Value.Trim()}";
        braces.ShouldBeEmpty();
    }

    private static async Task Run(params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", arguments)
            {
                WorkingDirectory = Snapshot.Root,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        )!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, $"dotnet {string.Join(' ', arguments)}:\n{string.Concat(output)}");
    }

    [GeneratedRegex(@"^ *if \([^\n]*\)\n *\{\n *(?:return|throw|continue|break)\b[^\n;{]*;\n *\}\n(?! *else)", RegexOptions.Multiline)]
    private static partial Regex BracedGuard();
}
