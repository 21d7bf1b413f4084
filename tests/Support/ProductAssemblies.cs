using System.Reflection;

namespace DeployCard.Tests.Support;

/// <summary>The assemblies of the product that a test project references, directly or through other projects.</summary>
public static class ProductAssemblies
{
    private const string Prefix = "DeployCard.";

    /// <summary>The assemblies in the output folder of the test project, ordered by name.</summary>
    public static IReadOnlyList<Assembly> All { get; } =
    [
        .. Directory
            .EnumerateFiles(AppContext.BaseDirectory, Prefix + "*.dll")
            .Select(Path.GetFileNameWithoutExtension)
            .Where(name =>
                !name!.Contains("Tests", StringComparison.Ordinal) && !name.StartsWith(Prefix + "Bench", StringComparison.Ordinal)
            )
            .Order(StringComparer.Ordinal)
            .Select(name => Assembly.Load(name!)),
    ];
}
