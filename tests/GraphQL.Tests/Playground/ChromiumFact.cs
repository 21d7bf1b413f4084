using System.Runtime.CompilerServices;

namespace DeployCard.GraphQL.Tests.Playground;

/// <summary>
/// Marks a test that runs in a real browser. The environment variable CHROMIUM sets its path; the default is Debian's Chromium.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        if (!File.Exists(Path))
            Skip = $"Chromium not found at {Path}; install it or set CHROMIUM to its path.";
    }

    public static string Path => Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } given ? given : "/usr/bin/chromium";
}
