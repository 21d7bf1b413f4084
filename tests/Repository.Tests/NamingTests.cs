using System.Reflection;
using System.Runtime.CompilerServices;
using DeployCard.Tests.Support;

namespace DeployCard.Repository.Tests;

/// <summary>Conventions for names that no analyzer checks.</summary>
public sealed class NamingTests
{
    private static IEnumerable<MethodInfo> Methods =>
        from assembly in ProductAssemblies.All
        from type in assembly.GetTypes()
        where !IsGenerated(type)
        from method in type.GetMethods(
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly
        )
        where !IsGenerated(method)
        select method;

    /// <summary>Data loaders keep the signatures of GreenDonut, so that a change of the GraphQL engine does not affect resolvers.</summary>
    [Fact]
    public void Methods_have_no_Async_suffix_unless_a_library_prescribes_it() =>
        Methods
            .Where(method => method.Name.EndsWith("Async", StringComparison.Ordinal) && !IsPrescribed(method))
            .Where(method => !method.DeclaringType!.Name.Contains("DataLoader", StringComparison.Ordinal))
            // TimeAsync is exempt: its name refers to asynchronous calls, whose time it records.
            .Where(method => method.Name != "TimeAsync")
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")
            .ShouldBeEmpty();

    [Fact]
    public void Methods_that_register_services_live_in_classes_called_Extensions() =>
        Methods
            .Where(method => method.IsDefined(typeof(ExtensionAttribute)) && method.Name.StartsWith("Add", StringComparison.Ordinal))
            .Where(method =>
                method.GetParameters()[0].ParameterType.Name is "IServiceCollection" or "ISiloBuilder" or "WebApplicationBuilder"
            )
            .Select(method => method.DeclaringType!.Name)
            .Where(name => !name.EndsWith("Extensions", StringComparison.Ordinal))
            .Distinct()
            .ShouldBe(["SiloBuilder"]);

    private static bool IsGenerated(MemberInfo member) =>
        member.Name.Contains('<')
        || member.IsDefined(typeof(CompilerGeneratedAttribute))
        || member.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute))
        || (member.DeclaringType is { } outer && IsGenerated(outer))
        || ((member as Type)?.Namespace ?? "").StartsWith("OrleansCodeGen", StringComparison.Ordinal);

    /// <summary>Whether the method overrides or implements a member of a library.</summary>
    private static bool IsPrescribed(MethodInfo method)
    {
        if (!ProductAssemblies.All.Contains(method.GetBaseDefinition().DeclaringType!.Assembly))
            return true;
        var type = method.DeclaringType!;
        if (type.IsInterface)
            return false;
        return type.GetInterfaces()
            .Where(contract => !ProductAssemblies.All.Contains(contract.Assembly))
            .Select(type.GetInterfaceMap)
            .Any(map => map.TargetMethods.Contains(method));
    }
}
