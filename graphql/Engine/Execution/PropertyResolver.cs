using System.Linq.Expressions;
using System.Reflection;
using GraphQL;
using GraphQL.Resolvers;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Resolves a field by reading a property. The execution strategy calls <see cref="Read"/> directly, without a context or a task.
/// </summary>
internal sealed class PropertyResolver(PropertyInfo property) : IFieldResolver
{
    public Func<object, object?> Read { get; } = Compile(property);

    public ValueTask<object?> ResolveAsync(IResolveFieldContext context) => new(Read(context.Source!));

    private static Func<object, object?> Compile(PropertyInfo property)
    {
        var source = Expression.Parameter(typeof(object));
        var read = Expression.Property(Expression.Convert(source, property.DeclaringType!), property);
        return Expression.Lambda<Func<object, object?>>(Expression.Convert(read, typeof(object)), source).Compile();
    }
}
